"""A loop that is made to drive, whoever runs its nodes, and who is at the ends of a topic."""

from collections import Counter


def ends(probe, topic):
    """Who publishes on a topic, and how often."""
    return Counter(end.node_name for end in probe.get_publishers_info_by_topic(f'/{topic}'))


def run(probe, processes):
    """Engage and let the policy drive, as a person does on a busy machine."""
    assert probe.until(lambda: probe.mode == 'DISARMED', 30.0), processes.said('executor')
    probe.listen(2.0)  # until it hears requests
    probe.engage()
    shadows = probe.until(lambda: probe.state.shadowed > 2, 90.0)
    assert shadows, processes.said('policy')
    accepted = probe.state.accepted
    for _ in range(15):
        probe.answer('run')
        if probe.until(lambda: probe.state.accepted > accepted + 3, 5.0):
            return
    raise AssertionError(f'{probe.state.request_answer}; {probe.state.reason}')
