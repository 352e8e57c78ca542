dnl summary: hosts below class G are looked up
_flag(`generics_entire_domain')
