dnl summary: user%host@relay is not taken apart
_flag(`loose_relay_check')
