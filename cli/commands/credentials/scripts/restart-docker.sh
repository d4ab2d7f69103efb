
# Docker reads the folder again at each pull, so a restart is not needed. WARNING: it stops all Docker containers. Drain
# the agent of all tasks that use Docker first.
if [ "${DRAINED:-}" != yes ]; then
    fail "Docker is not restarted: that stops all its containers. Drain the agent, then run this with DRAINED=yes"
fi
if [ -z "$root$check" ]; then
    systemctl restart docker
    printf 'restarted: docker\n'
fi
