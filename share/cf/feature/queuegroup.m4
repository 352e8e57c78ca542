dnl summary: the queue group of a recipient from QGRP: of the access map (group for the others)
_needs(`access_db')dnl
_flag(`queuegroup')_define(`_queue_default_', defn(`_ARG_'))
