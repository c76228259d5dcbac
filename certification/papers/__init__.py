"""Certificates as papers: one sealed PDF page each, whose QR code leads to the register."""
