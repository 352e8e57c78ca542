dnl summary: IBM's VNET: user@node.vnet goes to the gateway $A, ibm.com directly
_flag(`vnet')_class(`A', `vnet.ibm.com vnet rscs ipnet')
