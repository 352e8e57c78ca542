# _ARG_ in the name: taken only from those who may relay
R$* _ARG2_ $* < @ $* >		$@ $1 _ARG2_ $2 < @ $3 >
R$* _ARG2_ $*		$@ $1 _ARG2_ $2
