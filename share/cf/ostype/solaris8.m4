dnl summary: solaris8
