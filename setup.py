"""The pip side of the package: installs the Python code for machines without a ROS 2 workspace.

In a workspace colcon builds with CMakeLists.txt (the messages need rosidl) and ignores this file.
"""

from setuptools import find_packages, setup

ROBOT = ['numpy', 'scipy', 'ruckig', 'pin', 'PyYAML']
POLICY = [*ROBOT, 'torch', 'diffusers', 'transformers', 'safetensors', 'pillow']
SIM = [
    *ROBOT,
    'pillow',
    "mujoco-core[rendering]; python_version >= '3.11'",
    "mujoco; python_version < '3.11'",
]
BAG = ['rosbags', 'mcap', 'zstandard', 'matplotlib', 'bokeh', 'Jinja2', 'pillow']
LEARNING = [*BAG, 'pyarrow', 'av']
TOOLS = ['xacro', 'pytest', 'pytest-xdist', 'pyte', 'hypothesis', 'ruff', 'mypy']
TEST_ROBOT = [*SIM, *LEARNING, *TOOLS]

setup(
    name='fastwam_ros',
    version='0.1.0',
    description='Fast-WAM on a Galaxea R1 Lite: a ROS 2 robot-control package',
    license='Apache-2.0',
    author='The fastwam_ros maintainers',
    python_requires='>=3.10',
    packages=find_packages(include=['fastwam_ros', 'fastwam_ros.*']),
    package_data={'fastwam_ros': ['py.typed', 'apps/report/page.*']},
    install_requires=ROBOT,
    extras_require={
        'robot': ROBOT,
        'policy': POLICY,
        'sim': SIM,
        'bag': BAG,
        'learning': LEARNING,
        'test': [*TEST_ROBOT, *POLICY, "triton; platform_machine == 'x86_64'"],
        'test-robot': TEST_ROBOT,
    },
    entry_points={
        'console_scripts': [
            'fastwam-bag = fastwam_ros.apps.bag.__main__:main',
            'fastwam-bundle = fastwam_ros.apps.bundle.__main__:main',
            'fastwam-record = fastwam_ros.apps.record.__main__:main',
            'fastwam-replay = fastwam_ros.apps.replay.__main__:main',
            'fastwam-r1lite = fastwam_ros.apps.r1lite.__main__:main',
        ]
    },
    zip_safe=False,
)
