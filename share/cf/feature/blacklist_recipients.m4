dnl summary: old name of blocklist_recipients
_warn(`FEATURE(blacklist_recipients) is the old name: taken as FEATURE(blocklist_recipients), which is how it is written today')_define(`_feature_', `blocklist_recipients')_needs(`access_db')_flag(`blocklist_recipients')
