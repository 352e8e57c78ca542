dnl summary: old form: no name service (today: the service switch)
_warn(`FEATURE(nodns) is an old form: taken as FEATURE(nocanonify); today "hosts files" in the service switch file does it')
_flag(`nocanonify')_flag(`nodns')
