"""OTP Call scenarios: what is registered of Bizfly's scripts, and which one a call has."""
