dnl summary: hosts below class G are looked up
_needs(`genericstable')dnl
_flag(`generics_entire_domain')
