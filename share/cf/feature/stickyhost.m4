dnl summary: user@this.host stays so
_flag(`stickyhost')
