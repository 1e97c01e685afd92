"""The edges of content: pages, menus, and what search engines are told."""
