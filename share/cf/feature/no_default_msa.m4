dnl summary: no daemon on port 587 by itself
_flag(`no_default_msa')
