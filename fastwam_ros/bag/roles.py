"""Which topic of a recording plays which role, whoever made it.

Our recorder writes it into the file. In others the topics are known by the robot's names, under
whatever namespace; of several robots one must be named.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fastwam_ros.bag.reader import Bag, BagError
from fastwam_ros.bag.run import FACTS, Facts
from fastwam_ros.robot.joints import ROBOT
from fastwam_ros.robot.roles import ROLES, is_sensor


@dataclass(frozen=True)
class Roles:
    """topics: role to full topic, of those that are there; namespace: '' for none.

    odd: topics that have a role's name and another type, in words.
    """

    robot: str
    namespace: str
    topics: Mapping[str, str]
    odd: tuple[str, ...] = ()

    @classmethod
    def of(cls, bag: Bag, namespace: str = '') -> 'Roles':
        """namespace: of the robot, '/' for none, '' for the only one there is.

        Raises BagError for a namespace that is not there, and for several robots where none is
        named. A recording of no robot has no roles.
        """
        if FACTS in bag.metadata and not namespace:
            facts = Facts.read(bag)
            there = {role: name for role, name in facts.topics.items() if name in bag.topics}
            return cls(facts.robot, facts.others.get('namespace', '').rstrip('/'), there)
        found = namespaces(bag)
        chosen = _chosen(bag, sorted(found), namespace)
        topics, odd = {}, []
        for role, topic in found.get(chosen, {}).items():
            kind = bag.topics[topic]
            if kind == ROLES[role].kind:
                topics[role] = topic
            else:
                odd.append(f'{topic} is of {kind or "no type"}, want {ROLES[role].kind}')
        return cls(ROBOT, chosen, topics, tuple(odd))


def namespaces(bag: Bag) -> dict[str, dict[str, str]]:
    """Each robot's namespace, and its topics by role: of those that tell something.

    Without any that does, those that are told something.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    absolute: dict[str, str] = {}
    for role, (name, _, _) in ROLES.items():
        for topic in bag.topics:
            if name.startswith('/'):
                absolute |= {role: topic} if topic == name else {}
            elif f'/{topic}'.endswith(f'/{name}'):
                found[topic.removesuffix(name).rstrip('/')][role] = topic
    told = {space: roles for space, roles in found.items() if any(map(is_sensor, roles))}
    return {space: {**roles, **absolute} for space, roles in (told or found).items()}


def _chosen(bag: Bag, found: list[str], namespace: str) -> str:
    names = ', '.join(space or '/' for space in found)
    if namespace:
        wanted = f'/{namespace.strip("/")}'.rstrip('/')
        if wanted not in found:
            raise BagError(f'{bag.path} has no robot {namespace!r}: it has {names or "none"}')
        return wanted
    if len(found) > 1:
        raise BagError(f'{bag.path} is of {len(found)} robots: name one namespace of {names}')
    return found[0] if found else ''
