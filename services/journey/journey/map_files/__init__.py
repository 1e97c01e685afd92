"""Files of maps: JSON, CSV, Markdown and SVG."""
