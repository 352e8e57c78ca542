dnl summary: clients whose address stands in the map drac may relay: POP before SMTP (map)
_flag(`drac')_table(`drac', defn(`_ARG_'), `drac', `drac')
