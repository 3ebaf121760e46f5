"""The providers, simulated on one machine: Bizfly OTP Call, MCN Password Call, CareSoft ZNS.

Start it with ``python -m sandbox``; README.md beside this file says what it does.
Standard library only, loopback only.
"""
