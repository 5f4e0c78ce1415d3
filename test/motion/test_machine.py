"""Whatever happens, in whatever order: what must hold of an executor after every single event.

Hypothesis draws sequences of everything that an executor can be told, with arms that lag, sag and
are read with noise, or not at all; `life` checks what each of them did. Numbers are those of the
design's invariants.

    I1 finite, inside the position limits        I8 no motion in FAULT (at rest), ESTOP, DISARMED
    I2-4 velocity, acceleration, jerk            I9 one source, that of the authority
    I5 a late tick makes nothing jump            I10 a person's edge: the next command is theirs
    I6 every plan ends at rest, inside of I1-4   I11 TELEOP leads to POLICY through HOLD and run
    I7 epoch, sequence and age of what moves     I12 a latch leaves by reset only
    I13 silence ends at rest, exactly            I14 a refused chunk changes nothing
    I15 the same events, the same commands       I16 later by any time, the same commands
    I20 a clock that is set changes no command   I25 a stop leaves the grippers as they are

In test_symmetry: I17 joints in another order, I18 a plan offered to itself (not exact), I24 the
other arm, I26 nothing grows. In test_golden: I22 a tape through a file. Left out: I19 a lower
speed is never faster (test_executor has it); I21 limits scaled as time is (meeting times and
filter of the splice are seconds: it does not hold, nor must it); I23 what a tick costs (`make
bench`: a test does not time).

Runs are derandomized: the same on every machine. A failure prints the steps that lead to it.
"""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fastwam_ros.apps.chaos.spoil import spoilt
from fastwam_ros.apps.chaos.wants import MANNERS
from fastwam_ros.motion.blend import BLENDS
from fastwam_ros.motion.limits import SECOND
from fastwam_ros.motion.status import HANDS
from fastwam_ros.motion.uncertainty import Thresholds
from test.motion.life import REQUESTS, Life
from test.motion.robot import SIZE

LATENCIES = st.floats(0.02, 0.9)
SILENCE = 4.0  # [s] from the last word of anybody to rest: hard age, stop, and what sees it


class Machine(RuleBasedStateMachine):
    """Everything that can happen."""

    @initialize(
        rate=st.sampled_from((200.0, 200.0, 100.0, 500.0)),
        share=st.sampled_from((1.0, 0.6, 1.7)),
        seed=st.integers(0, 2**32 - 1),
        bridge=st.sampled_from(('fast', 'smooth')),
        blending=st.sampled_from(('newest', 'newest', *BLENDS)),
        deadman=st.booleans(),
        doubt=st.sampled_from((None, None, Thresholds(0.1, 0.2))),
        teleop=st.sampled_from(HANDS),
    )
    def begin(self, rate, share, seed, bridge, blending, deadman, doubt, teleop):
        changes = {'bridge': bridge, 'blending': blending, 'doubt': doubt}
        changes |= {'require_deadman': deadman, 'teleop': teleop}
        self.life = Life(rate, share, seed, **changes)

    @rule(ticks=st.integers(1, 60))
    def go_on(self, ticks):
        self.life.tick(ticks)

    @rule(gap=st.integers(2, 400), ticks=st.integers(1, 5))
    def be_late(self, gap, ticks):
        self.life.tick(ticks, gap)

    @rule(verb=st.sampled_from((*REQUESTS, 'engage', 'run', 'dance')))
    def ask(self, verb):
        self.life.ask(verb)

    @rule()
    def drive(self):
        """The shortest way to a policy that moves: single events rarely find it."""
        life = self.life
        life.arms.feedback = 'fresh'
        life.deadman(True)
        life.tick(25)
        for verb in ('reset', 'engage', 'run'):
            life.ask(verb)
            life.tick(2)
        life.deadman(True)
        life.tick(round(0.25 * SECOND / life.period))
        life.offer(life.made('steady', 0.15))
        life.tick(30)

    @rule(manner=st.sampled_from(tuple(MANNERS)), late=LATENCIES)
    def offer(self, manner, late):
        self.life.offer(self.life.made(manner, late))

    @rule(late=LATENCIES)
    def offer_spoilt(self, late):
        self.life.offer(spoilt(self.life.rng, self.life.made('steady', late)))

    @rule(active=st.booleans())
    def switch(self, active):
        self.life.switch(active)

    @precondition(lambda self: self.life.active)
    @rule(moves=st.integers(1, 30), leaps=st.booleans())
    def move_hand(self, moves, leaps):
        rng = self.life.rng
        centre, swing = rng.uniform(-3.0, 3.0, SIZE), rng.uniform(0.0, 1.0)
        for k in range(moves):
            at = rng.uniform(-4.0, 4.0, SIZE) if leaps else centre + swing * np.sin(0.05 * k)
            at[rng.random(SIZE) < 0.1] = np.nan
            self.life.hand(at, rng.uniform(-0.02, 0.12, 2))
            self.life.switch(True)
            self.life.tick()

    @rule(
        feedback=st.sampled_from(
            ('fresh', 'fresh', 'silent', 'frozen', 'stuck', 'torn', 'strained')
        )
    )
    def feed_back(self, feedback):
        self.life.arms.feedback = feedback

    @rule(held=st.booleans())
    def deadman(self, held):
        self.life.deadman(held)

    @rule(pressed=st.booleans(), again=st.booleans())
    def estop(self, pressed, again):
        self.life.estop(pressed)
        if again:  # released: without it every sequence would end here
            self.life.estop(False)

    @rule()
    def foreign(self):
        off = self.life.rng.normal(0.0, 0.03, SIZE)
        self.life.foreign(self.life.arms.q + off)

    @rule(step=st.floats(-3.0, 3.0))
    def set_clock(self, step):
        self.life.set_clock(round(step * SECOND))

    @rule(share=st.sampled_from((0.05, 0.3, 0.7, 1.0, 1.0)))
    def speed(self, share):
        self.life.speed(share)

    @rule(robot=st.booleans())
    def silence(self, robot):
        """Nobody says anything any more, the robot neither perhaps: everything comes to rest."""
        life = self.life
        kept, life.arms.feedback = life.arms.feedback, life.arms.feedback if robot else 'silent'
        life.tick(round(SILENCE * SECOND / life.period))
        last = [p.state.q for p in life.points[-20:] if p is not None and p.state is not None]
        assert all(np.array_equal(q, last[0]) for q in last)
        assert life.executor.source == 'none'
        life.arms.feedback = kept

    @invariant()
    def holds(self):
        if hasattr(self, 'life'):
            self.life.look()

    def teardown(self):
        if hasattr(self, 'life'):
            self.life.end()


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    derandomize=True,
    deadline=None,
    max_examples=30,
    stateful_step_count=30,
    suppress_health_check=list(HealthCheck),
)
