"""Launch files: what is started with what, and what is refused by name."""

import pytest
from rosless.arguments import parse
from rosless.launch_file import arguments, read
from rosless.packages import PackageError
from rosless.substitution import LaunchError


def launch(tmp_path, text, given=(), environ=None):
    """The nodes of a launch file with this text."""
    path = tmp_path / 'x.launch.yaml'
    path.write_text('launch:\n' + text)
    return read(str(path), arguments(given), environ or {})


def test_a_node_gets_its_command_line(tmp_path):
    (node,) = launch(
        tmp_path,
        """
- arg: {name: rate, default: '50.0'}
- node:
    pkg: p
    exec: executor
    name: arm
    namespace: robot
    args: --seed $(var rate) -v
    output: screen
    param:
    - {from: /f.yaml}
    - {name: rate, value: $(var rate)}
    - {name: names, value: [a, '1']}
    - {name: dry, value: false}
    remap:
    - {from: a, to: /b}
""",
    )
    assert (node.package, node.executable) == ('p', 'executor')
    words = list(node.arguments)
    assert words[:3] == ['--seed', '50.0', '-v']
    del words[words.index('--params-file') : words.index('--params-file') + 2]
    found = parse(words)
    assert (found.name('x'), found.namespace('arm', '/')) == ('arm', '/robot')
    values = found.overrides('/robot/arm')
    assert values == {'rate': 50.0, 'names': ['a', '1'], 'dry': False}
    assert found.remap('/robot/a', 'arm', '/robot') == '/b'


def test_parameters_come_after_the_file_that_stands_before_them(tmp_path):
    (node,) = launch(
        tmp_path,
        """
- node:
    pkg: p
    exec: e
    param:
    - {name: a, value: 1}
    - {from: /f.yaml}
    - {name: b, value: 2}
""",
    )
    assert node.arguments == ('--ros-args', '-p', 'a:=1', '--params-file', '/f.yaml', '-p', 'b:=2')


def test_conditions_groups_and_let(tmp_path):
    text = """
- arg: {name: sim, default: 'true'}
- let: {name: n, value: outer}
- group:
    if: $(var sim)
    children:
    - let: {name: n, value: inner}
    - node: {pkg: p, exec: $(var n)}
- group:
  - node: {pkg: p, exec: $(var n), unless: $(var sim)}
- node: {pkg: p, exec: last, if: '0'}
"""
    assert [n.executable for n in launch(tmp_path, text)] == ['inner']
    assert [n.executable for n in launch(tmp_path, text, ['sim:=False'])] == ['outer']


def test_an_include_shares_the_scope(tmp_path):
    (tmp_path / 'inner.yaml').write_text("""
launch:
- arg: {name: who}
- arg: {name: left, default: behind}
- node: {pkg: p, exec: $(var who)}
""")
    nodes = launch(
        tmp_path,
        f"""
- include:
    file: {tmp_path}/inner.yaml
    arg:
    - {{name: who, value: x}}
- node: {{pkg: p, exec: $(var left)}}
""",
    )
    assert [n.executable for n in nodes] == ['x', 'behind']


def test_substitutions_nest_and_know_the_environment(tmp_path):
    nodes = launch(
        tmp_path,
        """
- arg: {name: pkg, default: fastwam_ros}
- arg: {name: file, default: '$(find-pkg-share $(var pkg))/x'}
- node: {pkg: p, exec: $(env WHO)-$(env NONE other), args: $(var file)}
""",
        environ={'WHO': 'me'},
    )
    assert nodes[0].executable == 'me-other'
    assert nodes[0].arguments[0].endswith('/x')


@pytest.mark.parametrize(
    ('text', 'why'),
    [
        ('- nod: {}', "'nod' is not covered"),
        ('- push-ros-namespace: {namespace: a}', 'push-ros-namespace'),
        ('- executable: {cmd: ls}', 'executable'),
        ('- node: {pkg: p}', 'needs exec'),
        ('- node: {pkg: p, exec: e, respawn: true}', 'respawn is not covered'),
        ('- node: {pkg: p, exec: e, on_exit: shutdown}', 'on_exit is not covered'),
        ('- node: {pkg: p, exec: e, output: log}', 'screen'),
        ('- node: {pkg: p, exec: e, if: true}', 'quotes'),
        ('- node: {pkg: p, exec: e, if: maybe}', 'maybe'),
        ('- node: {pkg: p, exec: $(var nope)}', 'nope'),
        ('- node: {pkg: p, exec: $(env NOPE)}', 'NOPE'),
        ('- node: {pkg: p, exec: $(dirname)}', 'dirname'),
        ('- node: {pkg: p, exec: $(var x}', 'closing parenthesis'),
        ('- node: {pkg: p, exec: e, args: "a \'b c\'"}', 'quotes'),
        ('- node: {pkg: p, exec: e, param: [{name: a}]}', 'needs value'),
        ('- node: {pkg: p, exec: e, param: [{from: a, allow_substs: true}]}', 'allow_substs'),
        ('- node: {pkg: p, exec: e, param: [{name: a, value: {b: 1}}]}', "'a'"),
        ('- node: {pkg: p, exec: e, remap: [{from: a}]}', 'needs to'),
        ('- arg: {name: must}', 'must be given'),
        ('- include: {file: /nowhere.yaml}', 'nowhere'),
        ('- [a]', 'one name'),
        ('- {node: {}, arg: {}}', 'one name'),
    ],
)
def test_what_is_wrong_or_not_covered_is_named(tmp_path, text, why):
    with pytest.raises(LaunchError, match=why):
        launch(tmp_path, text)


def test_an_argument_that_no_file_declares_lists_the_declared_ones(tmp_path):
    with pytest.raises(LaunchError, match='no argument rat: it has rate'):
        launch(tmp_path, "- arg: {name: rate, default: '1'}", ['rat:=2'])


def test_a_missing_package_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(PackageError, match='nowhere_pkg'):
        launch(tmp_path, '- node: {pkg: p, exec: $(find-pkg-share nowhere_pkg)}')


def test_a_missing_executable_lists_those_there_are(tmp_path):
    (node,) = launch(tmp_path, '- node: {pkg: fastwam_ros, exec: excutor}')
    with pytest.raises(PackageError, match=r'it has .*executor.*policy'):
        node.command()


def test_a_file_without_a_launch_list_is_refused(tmp_path):
    path = tmp_path / 'x.yaml'
    path.write_text('nodes: []')
    with pytest.raises(LaunchError, match='launch:'):
        read(str(path), {}, {})
