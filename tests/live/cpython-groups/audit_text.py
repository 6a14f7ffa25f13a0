# What an audit event's arguments are, for every tracer.
import sys

sys.audit("test.none")
sys.audit("test.some", "a 'text'", 1, None, [2.5, b"\0"])
