"""The platform in containers: images, bills of materials, servers, and a table of containers."""
