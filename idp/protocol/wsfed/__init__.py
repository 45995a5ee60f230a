"""``/wsfed/...``: WS-Federation's passive requestor profile for applications that speak nothing else (WS-Federation
1.2, section 13).
"""
