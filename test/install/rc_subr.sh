# The part of FreeBSD's rc.subr(8) that share/init/rc.d/hikyaku uses, written from its manual page for the test.
# RC_CONF names the file that stands for /etc/rc.conf.

load_rc_config() { . "$RC_CONF"; }

checkyesno() {
  eval "_value=\$$1"
  case $_value in
    [Yy][Ee][Ss]|[Tt][Rr][Uu][Ee]|[Oo][Nn]|1) return 0 ;;
    [Nn][Oo]|[Ff][Aa][Ll][Ss][Ee]|[Oo][Ff][Ff]|0) return 1 ;;
    *) echo "$0: WARNING: \$$1 is not set properly - see rc.conf(5)." >&2; return 1 ;;
  esac
}

# Without rcvar everything may run; a prefix of the argument is taken off.
run_rc_command() {
  _word=$1
  case $_word in one*) _word=${_word#one} ;; force*) _word=${_word#force} ;; fast*) _word=${_word#fast} ;; quiet*) _word=${_word#quiet} ;; esac
  case " start stop restart $extra_commands " in
    *" $_word "*) ;;
    *) echo "Usage: $0 [fast|force|one|quiet](start|stop|restart|$(echo $extra_commands | tr ' ' '|'))" >&2; exit 1 ;;
  esac
  eval "_command=\$${_word}_cmd"
  eval "$_command"
}
