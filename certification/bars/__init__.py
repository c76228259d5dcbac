"""Bars 禁止申请期: how long a holder may not apply again after a revocation."""
