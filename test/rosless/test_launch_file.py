"""Launch files: what is started with what, and what is refused by name."""

import sys

import pytest
from rosless.arguments import parse
from rosless.launch_file import arguments, find, read, show_arguments
from rosless.packages import PackageError
from rosless.template import LaunchError


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


def test_a_text_without_substitution_stays_a_text(tmp_path):
    """launch_ros reads what substitutions yield as YAML, and nothing else."""
    (node,) = launch(
        tmp_path,
        """
- let: {name: n, value: '50'}
- node:
    pkg: p
    exec: e
    param:
    - {name: text, value: '50'}
    - {name: number, value: $(var n)}
    - {name: longer, value: $(var n).5}
    - {name: list, value: [$(var n), $(var n)1]}
    - {name: bool, value: true}
""",
    )
    values = parse(list(node.arguments)).overrides('/e')
    wanted = {'text': '50', 'number': 50, 'longer': 50.5, 'list': [50, 501], 'bool': True}
    assert values == wanted
    assert {k: type(v) for k, v in values.items()} == {k: type(v) for k, v in wanted.items()}


def test_args_are_split_as_a_shell_would_but_not_what_a_substitution_yields(tmp_path):
    text = """
- let: {name: n, value: a b}
- node: {pkg: p, exec: e, args: "x 'y z' $(var n)/c  -d $(var n)"}
"""
    (node,) = launch(tmp_path, text)
    assert node.arguments == ('x', 'y z', 'a b/c', '-d', 'a b', '--ros-args')


@pytest.mark.parametrize(
    ('args', 'wanted'),
    [('', ['']), (' ', ['']), ("a '' b", ['a', '', 'b']), ('a b  c', list('abc'))],
)
def test_empty_words_are_words(tmp_path, args, wanted):
    (node,) = launch(tmp_path, f'- node: {{pkg: p, exec: e, args: "{args}"}}')
    assert list(node.arguments) == [*wanted, '--ros-args']


def space(node):
    """The namespace that a node is given."""
    return parse(list(node.arguments)).namespace('', 'none')


@pytest.mark.parametrize('spelled', ['push_ros_namespace', 'push-ros-namespace'])
def test_a_namespace_holds_to_the_end_of_its_group(tmp_path, spelled):
    nodes = launch(
        tmp_path,
        f"""
- group:
  - {spelled}: {{namespace: robot1}}
  - node: {{pkg: p, exec: e}}
  - node: {{pkg: p, exec: e, namespace: left}}
  - node: {{pkg: p, exec: e, namespace: /left}}
  - group:
    - {spelled}: {{namespace: arm}}
    - node: {{pkg: p, exec: e, namespace: left}}
  - node: {{pkg: p, exec: e}}
- node: {{pkg: p, exec: e}}
""",
    )
    found = [space(node) for node in nodes]
    assert found == ['/robot1', '/robot1/left', '/left', '/robot1/arm/left', '/robot1', 'none']


def test_a_pushed_namespace_and_a_name_make_a_parameter_that_nodes_own(tmp_path):
    text = """
- push_ros_namespace: {namespace: r}
- node: {pkg: p, exec: e, name: n, param: [{name: a, value: 1}]}
"""
    (node,) = launch(tmp_path, text)
    assert parse(list(node.arguments)).overrides('/r/n') == {'a': 1}
    assert parse(list(node.arguments)).overrides('/r/other') == {}


def test_a_group_that_is_not_scoped_keeps_nothing_to_itself(tmp_path):
    text = """
- group:
    scoped: false
    children:
    - let: {name: n, value: inner}
    - set_env: {name: A, value: '1'}
    - push_ros_namespace: {namespace: r}
- node: {pkg: p, exec: $(var n)}
"""
    (node,) = launch(tmp_path, text)
    assert (node.executable, space(node), node.environ['A']) == ('inner', '/r', '1')


def test_the_environment_of_a_node_is_that_of_its_place(tmp_path):
    nodes = launch(
        tmp_path,
        """
- set_env: {name: A, value: one}
- group:
  - set_env: {name: A, value: $(env A)-two}
  - unset_env: {name: B}
  - unset_env: {name: NEVER_SET}
  - node: {pkg: p, exec: e}
- node: {pkg: p, exec: e, env: [{name: C, value: $(env A)}, {name: B, value: own}]}
- set_env: {name: A, value: never, if: 'false'}
- node: {pkg: p, exec: $(env A)}
""",
        environ={'B': 'outer'},
    )
    assert nodes[0].environ == {'A': 'one-two'}
    assert nodes[1].environ == {'A': 'one', 'B': 'own', 'C': 'one'}
    assert nodes[2].environ == {'A': 'one', 'B': 'outer'} and nodes[2].executable == 'one'


def test_a_prefix_runs_the_node(tmp_path):
    text = """
- arg: {name: inside, default: "nice -n '1'"}
- node: {pkg: fastwam_ros, exec: teleop, launch-prefix: $(var inside)}
- node: {pkg: fastwam_ros, exec: teleop, launch-prefix: no-such-terminal -e}
"""
    inside, nowhere = launch(tmp_path, text)
    assert inside.command()[:4] == ['nice', '-n', '1', sys.executable]
    with pytest.raises(LaunchError, match="launch-prefix 'no-such-terminal' is no command"):
        nowhere.command()


def test_choices_are_for_given_values_too(tmp_path):
    text = '- arg: {name: a, default: x, choice: [{value: x}, {value: y}]}'
    assert launch(tmp_path, text, ['a:=y']) == []
    with pytest.raises(LaunchError, match="'z': use one of x, y"):
        launch(tmp_path, text, ['a:=z'])


def test_an_included_file_is_told_its_arguments_by_the_include(tmp_path):
    """A variable of the same name outside does not count, as in launch."""
    (tmp_path / 'inner.yaml').write_text('launch:\n- arg: {name: who}\n')
    text = f'- let: {{name: who, value: x}}\n- include: {{file: {tmp_path}/inner.yaml}}'
    with pytest.raises(LaunchError, match='who must be given'):
        launch(tmp_path, text)


def test_a_false_condition_does_not_excuse_an_include_without_its_arguments(tmp_path):
    (tmp_path / 'inner.yaml').write_text('launch:\n- arg: {name: who}\n')
    with pytest.raises(LaunchError, match='who must be given'):
        launch(tmp_path, f"- include: {{file: {tmp_path}/inner.yaml, if: 'false'}}")
    given = "arg: [{name: who, value: x}], if: 'false'"
    assert launch(tmp_path, f'- include: {{file: {tmp_path}/inner.yaml, {given}}}') == []


def test_dirname_is_the_folder_of_the_file_read_last(tmp_path):
    """That it stays so behind an include is launch's own way."""
    (tmp_path / 'sub').mkdir()
    (tmp_path / 'sub' / 'inner.yaml').write_text(
        'launch:\n- node: {pkg: p, exec: $(dirname)}\n- arg: {name: told}\n'
        '- node: {pkg: p, exec: $(var told)}'
    )
    text = """
- node: {pkg: p, exec: $(dirname)}
- include: {file: $(dirname)/sub/inner.yaml, arg: [{name: told, value: $(dirname)}]}
- node: {pkg: p, exec: $(dirname)}
"""
    inner = str(tmp_path / 'sub')
    nodes = launch(tmp_path, text)
    assert [n.executable for n in nodes] == [str(tmp_path), inner, inner, inner]


def test_substitutions_take_quotes_defaults_and_backslashes(tmp_path):
    nodes = launch(
        tmp_path,
        r"""
- arg: {name: n, default: '3'}
- node: {pkg: p, exec: $(eval '$(var n) * (2 + 1)')}
- node: {pkg: p, exec: '$(eval "''$(var n)'' == ''3''")'}
- node: {pkg: p, exec: $(eval 'sqrt(16)')}
- node: {pkg: p, exec: $(var missing 'a b')}
- node: {pkg: p, exec: $(var missing $(env NONE $(var n)))}
- node: {pkg: p, exec: 'a\$(var n) $ )'}
""",
    )
    names = ['9', 'True', '4.0', 'a b', '3', 'a$(var n) $ )']
    assert [n.executable for n in nodes] == names


def test_show_args_lists_what_can_be_given(tmp_path):
    (tmp_path / 'inner.yaml').write_text('launch: [{arg: {name: inner}}]')
    (tmp_path / 'x.launch.yaml').write_text(
        f"""
launch:
- arg:
    name: mode
    default: $(env MODE fast)/$(var x)
    description: how
    choice: [{{value: fast}}, {{value: slow}}]
- group:
    if: $(var mode)
    children:
    - arg: {{name: rare, default: $(find-pkg-share p)}}
- include: {{file: {tmp_path}/inner.yaml}}
- include: {{file: $(var mode)/other.yaml}}
"""
    )
    assert show_arguments(str(tmp_path / 'x.launch.yaml')).split('\n\n') == [
        "Arguments (pass arguments as '<name>:=<value>'):",
        "    'mode':\n        how. Valid choices are: ['fast', 'slow']\n"
        "        (default: EnvVar('MODE') + '/' + LaunchConfig('x'))",
        "    'rare':*\n        no description given\n        (default: FindPackageShare(pkg='p'))",
        "    'inner':\n        no description given",
        '* argument(s) which are only used if specific conditions occur',
    ]


def test_a_launch_file_is_found_in_its_package(tmp_path, monkeypatch):
    (tmp_path / 'package.xml').write_text('<package><name>some_pkg</name></package>')
    (tmp_path / 'launch').mkdir()
    (tmp_path / 'launch' / 'a.launch.yaml').write_text('launch: []')
    for other in ('.venv', 'build'):
        (tmp_path / other).mkdir()
        (tmp_path / other / 'a.launch.yaml').write_text('launch: []')
    (tmp_path / 'build' / 'COLCON_IGNORE').write_text('')
    monkeypatch.chdir(tmp_path)
    file = str(tmp_path / 'launch' / 'a.launch.yaml')
    assert find('some_pkg', ('a.launch.yaml', 'b:=c')) == (file, ('b:=c',))
    assert find('launch/a.launch.yaml', ('b:=c',)) == ('launch/a.launch.yaml', ('b:=c',))
    with pytest.raises(LaunchError, match=r'its launch files are a\.launch\.yaml'):
        find('some_pkg', ('b.launch.yaml',))


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
        ('- executable: {cmd: ls}', "'executable' is not covered in launch files: arg, let"),
        ('- timer: {period: 1.0, children: []}', "'timer' is not covered"),
        ('- set_parameter: {name: a, value: b}', 'set_parameter'),
        ('- append_env: {name: A, value: b}', 'append_env'),
        ('- node: {pkg: p}', 'needs exec'),
        ('- node: {pkg: p, exec: e, respawn: true}', 'respawn is not covered'),
        ('- node: {pkg: p, exec: e, on_exit: shutdown}', 'on_exit is not covered'),
        ('- node: {pkg: p, exec: e, output: log}', 'screen'),
        ('- node: {pkg: p, exec: e, if: true}', 'quotes'),
        ('- node: {pkg: p, exec: e, if: maybe}', 'maybe'),
        ('- node: {pkg: p, exec: $(var nope)}', 'nope'),
        ('- node: {pkg: p, exec: $(env NOPE)}', 'NOPE'),
        ('- node: {pkg: p, exec: $(anon x)}', r'\$\(anon\) is not covered.*\$\(var\), \$\(env\)'),
        ('- node: {pkg: p, exec: $(find-pkg-share)}', 'takes 1 argument'),
        ('- node: {pkg: p, exec: $(var a  b)}', 'one blank'),
        ('- node: {pkg: p, exec: $(var a\\ b c)}', 'takes 1 or 2'),
        ('- node: {pkg: p, exec: $(eval 1 + 1)}', 'takes 1 argument'),
        ("- node: {pkg: p, exec: $(eval '1 +')}", 'eval'),
        ('- node: {pkg: p, exec: "$(var \'x)"}', "closing '"),
        ('- node: {pkg: p, exec: $( x)}', 'a name follows'),
        ("- node: {pkg: p, exec: e, if: 'true', unless: 'false'}", 'both if and unless'),
        ('- group: [{nod: {}}]', "'nod' is not covered"),
        (
            "- group: {if: 'false', children: [{node: {pkg: p, exec: e, respawn: 'true'}}]}",
            'respawn',
        ),
        ('- group: {forwarding: false, children: []}', 'forwarding'),
        ("- group: {scoped: 'false', children: []}", 'scoped is true or false'),
        ('- group: {}', 'children'),
        ('- let: {name: a}', 'needs value'),
        ('- let: {name: a, value: 1}', 'quotes'),
        ('- let: [a]', 'needs name'),
        ('- set_env: {name: A}', 'needs value'),
        ('- unset_env: {name: A, value: b}', 'value is not covered'),
        ('- push_ros_namespace: {namespace: a-b}', 'no valid namespace'),
        ('- push_ros_namespace: {name: a}', 'needs namespace'),
        ('- node: {pkg: p, exec: e, name: a-b}', 'no valid node name'),
        ('- node: {pkg: p, exec: e, namespace: 1a}', 'no valid namespace'),
        ('- node: {pkg: p, exec: e, env: [{name: A}]}', 'needs value'),
        ('- node: {pkg: p, exec: e, env: []}', 'list of mappings'),
        ('- node: {pkg: p, exec: e, param: [{name: a, value: [1, 2.5]}]}', 'mixes types'),
        ('- node: {pkg: p, exec: e, param: [{name: a, value: 1, type: int}]}', 'type is not'),
        ('- arg: {name: a, default: b, choice: [{value: c}, {value: d}]}', "'b': use one of c, d"),
        ('- arg: {name: a, default: b, choices: [c]}', 'choices is not covered'),
        ('- include: {file: x.yaml, arg: [{name: a}]}', 'needs value'),
        ('- node: {pkg: p, exec: $(var x}', 'closing parenthesis'),
        ('- node: {pkg: p, exec: e, args: "\'$(env HOME)\'"}', 'quotes'),
        ('- node: {pkg: p, exec: e, args: "a \'b"}', 'quotation'),
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
