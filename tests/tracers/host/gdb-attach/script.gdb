# Whatever would need memory or a call in the program is an error, on every
# processor: not every gdb can do that on each of them.
set may-call-functions off
set pagination off
break -probe-stap lua:function__entry
commands
silent
printf "hit %s in %s:%d\n", (char *) $_probe_arg1, (char *) $_probe_arg0, $_probe_arg2
continue
end
echo ready\n
continue
