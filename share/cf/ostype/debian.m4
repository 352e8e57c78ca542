dnl summary: debian
