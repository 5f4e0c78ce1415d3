"""The R1 Lite as a MuJoCo model, built from robot/'s tables: bodies, servos, cameras, contacts.

Wheels, steering and torso are locked in one posture; both arms and grippers move. This module does
not know what stands before the robot: a scene adds that to the spec before it is compiled.
"""

import math
from typing import Any

import mujoco
import numpy as np

from fastwam_ros.robot.cameras import CAMERAS
from fastwam_ros.robot.joints import SIDES, arm_joints
from fastwam_ros.robot.kinematics import BASE, CONNECTIONS, TOOL, Connection, Link
from fastwam_ros.robot.shapes import SHAPES, Shape

TIMESTEP = 0.005  # [s] one physics step per feedback; servos and grasps are stable at it
# Pitches the head 11 degrees further down than a real unit's standing posture, so that the head
# camera sees the table from x = 0.39 m on.
TORSO_POSTURE = {'torso_joint1': -0.671, 'torso_joint2': 1.320, 'torso_joint3': 0.450}

ROOM, CEILING = 3.5, 3.0  # [m] half width and height of what the cameras see around the robot

# Contact groups: who meets whom. An arm meets the other arm, the body and things, not itself.
THINGS, LEFT, RIGHT, BODY = 1, 2, 4, 8
EVERYTHING = THINGS | LEFT | RIGHT | BODY
_MEETS = {THINGS: EVERYTHING, LEFT: 13, RIGHT: 11, BODY: 7}
_GROUP = {'left': LEFT, 'right': RIGHT}
RUBBER_FRICTION = (1.2, 0.02, 0.001)

# Servo stiffness [Nm/rad] and damping [Nm s/rad], joint 1 to 6: chosen, the drives' are unknown.
# A step of 0.2 rad overshoots by less than 0.3 % and takes 40 to 95 ms.
STIFFNESS = (1000.0, 1500.0, 1000.0, 300.0, 300.0, 150.0)
DAMPING = (40.0, 55.0, 25.0, 7.0, 6.0, 2.7)
# Reflected rotor inertia [kg m2], bearing damping [Nm s/rad] and friction [Nm]: chosen.
_ROTOR = (0.05, 0.08, 0.05, 0.01, 0.01, 0.01)
_VISCOUS = (1.0, 1.5, 1.0, 0.3, 0.3, 0.3)
_FRICTION = (0.3, 0.4, 0.3, 0.1, 0.1, 0.1)
FINGER_STIFFNESS, FINGER_DAMPING, FINGER_FORCE = 1500.0, 60.0, 60.0
_OPTICAL_TO_MUJOCO = np.array([0.0, 1.0, 0.0, 0.0])  # z forward, y down -> -z forward, y up


def quaternion(rpy: tuple[float, float, float]) -> np.ndarray:
    """wxyz [4] of a URDF's roll, pitch, yaw [rad] (fixed axes)."""
    out = np.empty(4)
    mujoco.mju_euler2Quat(out, np.asarray(rpy, float), 'XYZ')
    return out


def robot_spec() -> mujoco.MjSpec:
    """A spec of the robot alone, on a floor, lit; body and joint names are the URDF's."""
    spec = mujoco.MjSpec()
    spec.modelname = 'r1lite'
    spec.compiler.degree = False
    spec.option.timestep = TIMESTEP
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0  # friction holds a block in the fingers
    # A diverged state shall be seen, not silently begun anew.
    spec.option.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET
    _room(spec)
    bodies = {BASE.name: _body(spec.worldbody, BASE)}
    for connection in CONNECTIONS:
        bodies[connection.child.name] = _connect(bodies[connection.parent], connection)
    for camera in CAMERAS.values():
        _camera(bodies[camera.frame], camera.name)
    for side in SIDES:
        _servos(spec, side)
        bodies[f'{side}_gripper_link'].add_site(name=f'{side}_tcp', pos=TOOL, group=4)
    return spec


def _room(spec: mujoco.MjSpec) -> None:
    spec.visual.global_.offwidth = max(c.width for c in CAMERAS.values())
    spec.visual.global_.offheight = max(c.height for c in CAMERAS.values())
    quality = spec.visual.quality  # without a GPU every triangle and every sample costs
    quality.offsamples, quality.numslices, quality.numstacks, quality.numquads = 0, 16, 6, 1
    spec.stat.extent = 1.0  # MuJoCo's unit for what is drawn: near and far are in metres then
    spec.visual.map.znear, spec.visual.map.zfar = 0.01, 20.0
    spec.visual.headlight.ambient = [0.42, 0.42, 0.42]
    spec.visual.headlight.diffuse = [0.30, 0.30, 0.30]
    spec.visual.headlight.specular = [0.0, 0.0, 0.0]
    spec.worldbody.add_geom(
        name='floor',
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[ROOM, ROOM, ROOM],  # the last is the mesh that it is drawn with: one tile
        rgba=[0.56, 0.58, 0.61, 1.0],
        contype=THINGS,
        conaffinity=_MEETS[THINGS],
    )
    _walls(spec)
    spec.worldbody.add_light(
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        dir=[0.25, -0.35, -0.9],
        diffuse=[0.42, 0.41, 0.39],
        specular=[0.15, 0.15, 0.15],
        castshadow=False,
    )


def _walls(spec: mujoco.MjSpec) -> None:
    """A room without contacts around the robot: plain walls are cheaper to draw than a sky."""
    at, thick, half = ROOM, 0.05, CEILING / 2.0
    sides = [([at, thick, half], [0.0, y, half]) for y in (-at, at)]
    sides += [([thick, at, half], [x, 0.0, half]) for x in (-at, at)]
    for size, pos in (*sides, ([at, at, thick], [0.0, 0.0, CEILING])):
        spec.worldbody.add_geom(
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=size,
            pos=pos,
            rgba=[0.88, 0.87, 0.84, 1.0],
            mass=0.0,
            contype=0,
            conaffinity=0,
        )


def _body(parent: mujoco.MjsBody, link: Link, **place: Any) -> mujoco.MjsBody:
    carried = 1.0 if link.name.startswith(SIDES) else 0.0  # the drives hold the arms' weight
    body = parent.add_body(name=link.name, gravcomp=carried, **place)
    if link.mass:
        body.explicitinertial = True
        body.mass, body.ipos, body.fullinertia = link.mass, link.com, link.inertia
    for number, shape in enumerate(SHAPES.get(link.name, ())):
        _shape(body, link.name, number, shape)
    return body


def _shape(body: mujoco.MjsBody, link: str, number: int, shape: Shape) -> None:
    group = _GROUP.get(link.split('_')[0], BODY)
    geom = body.add_geom(
        name=f'{link}_{number}',
        type=getattr(mujoco.mjtGeom, f'mjGEOM_{shape.kind.upper()}'),
        size=(*shape.size, 0.0, 0.0)[:3],
        rgba=shape.colour,
        mass=0.0,
        group=1,
        contype=group if shape.solid else 0,
        conaffinity=_MEETS[group] if shape.solid else 0,
    )
    if shape.end is None:
        geom.pos = shape.start
    else:
        geom.fromto = [*shape.start, *shape.end]
    if shape.pad:
        geom.friction, geom.condim = RUBBER_FRICTION, 4
        geom.solref, geom.solimp = [0.006, 1.0], [0.95, 0.99, 0.001, 0.5, 2.0]


def _connect(parent: mujoco.MjsBody, link: Connection) -> mujoco.MjsBody:
    place = {'pos': link.xyz, 'quat': quaternion(link.rpy)}
    arm = link.child.name.startswith(SIDES)
    if link.kind == 'fixed' or not arm:
        angle = TORSO_POSTURE.get(link.name, 0.0)
        turn = np.array([math.cos(angle / 2.0), *(math.sin(angle / 2.0) * np.array(link.axis))])
        mujoco.mju_mulQuat(place['quat'], quaternion(link.rpy), turn)
        return _body(parent, link.child, **place)
    body = _body(parent, link.child, **place)
    _joint(body, link)
    return body


def _joint(body: mujoco.MjsBody, link: Connection) -> None:
    joint = body.add_joint(name=link.name, axis=link.axis, range=[link.lower, link.upper])
    joint.limited = mujoco.mjtLimited.mjLIMITED_TRUE
    if link.kind == 'prismatic':
        joint.type = mujoco.mjtJoint.mjJNT_SLIDE
        joint.armature, joint.damping = 0.05, [5.0, 0.0, 0.0]
        return
    i = int(link.name[-1]) - 1
    joint.armature, joint.frictionloss = _ROTOR[i], _FRICTION[i]
    joint.damping = [_VISCOUS[i], 0.0, 0.0]


def _servos(spec: mujoco.MjSpec, side: str) -> None:
    rows = zip(arm_joints(side), STIFFNESS, DAMPING, strict=True)
    for joint, stiffness, damping in rows:
        _servo(spec, joint.name, stiffness, damping, joint.effort)
    first, second = (f'{side}_gripper_finger_joint{n}' for n in (1, 2))
    _servo(spec, first, FINGER_STIFFNESS, FINGER_DAMPING, FINGER_FORCE)
    spec.add_equality(  # the fingers are one drive: the second mirrors the first
        type=mujoco.mjtEq.mjEQ_JOINT,
        objtype=mujoco.mjtObj.mjOBJ_JOINT,
        name1=second,
        name2=first,
        data=[0.0, -1.0] + [0.0] * 10,
        solref=[0.004, 1.0],
    )


def _servo(spec: mujoco.MjSpec, joint: str, kp: float, kd: float, effort: float) -> None:
    actuator = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.gainprm = [kp] + [0.0] * 9
    actuator.biastype = mujoco.mjtBias.mjBIAS_AFFINE
    actuator.biasprm = [0.0, -kp, -kd] + [0.0] * 7
    actuator.forcelimited = mujoco.mjtLimited.mjLIMITED_TRUE
    actuator.forcerange = [-effort, effort]


def _camera(body: mujoco.MjsBody, name: str) -> None:
    camera = CAMERAS[name]
    body.add_camera(
        name=name,
        quat=_OPTICAL_TO_MUJOCO,
        fovy=math.degrees(camera.fovy),
        resolution=[camera.width, camera.height],
    )
