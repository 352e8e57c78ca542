dnl summary: recipients whose MX is here are relayed
_flag(`relay_based_on_MX')
