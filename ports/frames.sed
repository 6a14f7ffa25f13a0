# SPDX-License-Identifier: MIT
# frames.sed - give function__entry and function__return a fourth argument, the
# frame's address, which SystemTap's own tapset reads. For hosts that have
# frames:
#
#   sed -f ports/frames.sed probes.d > frames.d
#   ./configure --with-probes=frames.d
/^ *probe function__entry(/b add
/^ *probe function__return(/b add
b
:add
/);/!{
N
b add
}
s/);/,\
        void *frameptr \/* the frame's address, the same at its entry and its\
                          return *\/);/
