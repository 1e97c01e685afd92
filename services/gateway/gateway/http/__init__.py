"""HTTP: connections, the edge of every request, the page cache, problems and documents."""
