dnl summary: unknown
