"""打标签: print runs, their sheets, binding by first and last label, voiding."""
