"""The platform in containers: images, bills of materials, servers, table of containers."""
