"""Pick-up locations: places with stock and opening hours, found by place."""
