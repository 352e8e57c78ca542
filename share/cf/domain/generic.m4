dnl summary: an ordinary site: names from files, forwards by detail, .REDIRECT addresses, root seen where it is
_preset(`confFORWARD_PATH', `$z/.forward.$w+$h:$z/.forward+$h:$z/.forward.$w:$z/.forward')
_preset(`confMAX_HEADERS_LENGTH', `32768')
_flag(`redirect')_flag(`use_cw_file')_class(`E', `root')
