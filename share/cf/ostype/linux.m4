dnl summary: linux
