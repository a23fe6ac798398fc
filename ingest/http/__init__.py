"""One polite client for all services: the only place that touches the network.

client.py     send a request, get a reply or an error that says whose fault it is
exchange.py   requests and replies      classify.py  is this answer an answer?      retry.py   how long to try
pacing.py     one pace for all processes of the machine    redact.py  no secret in any message    clock.py
"""
