dnl summary: who speaks before the greeting is turned away (milliseconds)
_flag(`greet_pause')_define(`_greet_pause_', defn(`_ARG_'))
