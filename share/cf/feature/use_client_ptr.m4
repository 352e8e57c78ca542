dnl summary: check_relay sees client_ptr
_flag(`use_client_ptr')
