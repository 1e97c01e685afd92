"""Comments on maps, anchored to cells, stages, or the whole map."""
