"""看扫码: how often labels were scanned, and where they were first seen."""
