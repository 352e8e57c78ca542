dnl summary: a site with nothing special
_flag(`use_cw_file')_flag(`redirect')
