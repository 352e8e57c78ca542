dnl summary: a system of no known kind
