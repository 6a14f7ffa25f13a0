# Whatever would need memory or a call in the program is an error, on every
# processor: not every gdb can do that on each of them.
set may-call-functions off
set pagination off
set breakpoint pending on
break -probe-stap python:function__entry
commands
silent
set $frame = $_probe_arg3
printf "hit function__entry %s in %s:%d\n", (char *) $_probe_arg1, (char *) $_probe_arg0, $_probe_arg2
continue
end
break -probe-stap python:function__return
commands
silent
printf "hit function__return %s, of the frame last entered: %d\n", (char *) $_probe_arg1, $_probe_arg3 == $frame
continue
end
break -probe-stap python:gc__start
commands
silent
printf "hit gc__start of generation %d\n", $_probe_arg0
continue
end
break -probe-stap python:gc__done
commands
silent
printf "hit gc__done, more than no object: %d\n", $_probe_arg0 > 0
continue
end
break -probe-stap python:import__find__load__start
commands
silent
printf "hit import__find__load__start %s\n", (char *) $_probe_arg0
continue
end
break -probe-stap python:import__find__load__done
commands
silent
printf "hit import__find__load__done %s %d\n", (char *) $_probe_arg0, $_probe_arg1
continue
end
break -probe-stap python:audit
commands
silent
printf "hit audit %s\n", (char *) $_probe_arg0
continue
end
run
