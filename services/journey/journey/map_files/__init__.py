"""Files of maps: JSON, CSV, Markdown, SVG and PNG."""
