"""Policy and engine on a small bundle: what goes in is checked, what comes out is the model's."""

import numpy as np
import pytest
import torch

from fastwam_ros.wam.bundle import Bundle
from fastwam_ros.wam.checkpoint import load_into
from fastwam_ros.wam.model import FastWAM
from fastwam_ros.wam.policy import Policy
from fastwam_ros.wam.sampling import Given, Tables, first_frame
from fastwam_ros.wam.schedule import Schedule, constant_noise
from fastwam_ros.wam.vision import ImageEncoder, normalise_pixels

from . import small_bundle

STATE = [0.3, -0.5, 0.06]
ACTION_SCALE = np.array([1.0, 2.0, 0.05])  # of the small bundle: half of least to most
SEEDS = (42, 43, 44)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return small_bundle.write(tmp_path_factory.mktemp('bundle'))


@pytest.fixture(scope='module')
def policy(folder):
    return Policy.load(folder)


def images(seed=0, **changes):
    rng = np.random.default_rng(seed)
    seen = {
        'head': rng.integers(0, 256, (48, 64, 3)).astype(np.uint8),
        'wrist': rng.integers(0, 256, (32, 32, 3)).astype(np.uint8),
    }
    return {**seen, **changes}


def test_rows_in_the_bundles_units(policy):
    rows = policy.infer(images(), STATE, 'reach')
    assert rows.shape == (6, 3) and rows.dtype == np.float64
    assert np.isfinite(rows).all()


def test_the_same_observation_gives_the_same_chunk(policy, folder):
    first = policy.infer(images(), STATE, 'reach')
    policy.infer(images(1), [0.0, 0.0, 0.0], 'rest')
    np.testing.assert_array_equal(policy.infer(images(), STATE, 'reach'), first)
    np.testing.assert_array_equal(Policy.load(folder).infer(images(), STATE, 'reach'), first)


def test_picture_state_and_task_all_matter(policy):
    first = policy.infer(images(), STATE, 'reach')
    for other in (
        policy.infer(images(head=np.zeros((48, 64, 3), np.uint8)), STATE, 'reach'),
        policy.infer(images(wrist=np.zeros((32, 32, 3), np.uint8)), STATE, 'reach'),
        policy.infer(images(), [0.3, -0.5, 0.07], 'reach'),
        policy.infer(images(), STATE, 'rest'),
    ):
        assert np.abs(other - first).max() > 1e-6


def test_what_was_computed_at_load_changes_nothing(policy, folder):
    """The same chunk, step by step from the parts, nothing prepared."""
    bundle = Bundle.read(folder)
    model, encoder = FastWAM(bundle.contract.model), ImageEncoder(bundle.contract.vae)
    load_into(model, bundle.weights, 'weights')
    encoder.load(bundle.vae, 'vae')
    state = torch.from_numpy(bundle.state.forward(STATE))[None]
    context = torch.cat((bundle.prompts.context('rest'), model.state_row(state)), dim=1)
    tables = Tables.of(model, Schedule.shifted(3), (4, 2), 6)
    pixels = normalise_pixels(torch.from_numpy(policy.tile(images())))[None]
    with torch.no_grad():
        given = Given(
            encoder(pixels),
            model.video.read(context),
            model.action.read(context),
            constant_noise(6, 3),
        )
        chunk = first_frame(model, tables, given).actions
    ours = policy.infer(images(), STATE, 'rest')
    np.testing.assert_allclose(ours, bundle.action.backward(chunk[0].numpy()), atol=1e-5)


def test_a_mosaic_is_what_its_pictures_are(policy):
    tiled = policy.tile(images())
    np.testing.assert_array_equal(
        policy.infer_mosaic(tiled, STATE, 'reach'), policy.infer(images(), STATE, 'reach')
    )


def test_a_read_only_picture_will_do(policy):
    seen = images()
    for picture in seen.values():
        picture.setflags(write=False)
    policy.infer(seen, STATE, 'reach')


def test_nothing_it_was_given_is_changed(policy):
    seen, state = images(), np.array(STATE)
    policy.infer(seen, state, 'reach')
    np.testing.assert_array_equal(state, STATE)
    np.testing.assert_array_equal(seen['head'], images()['head'])


@pytest.mark.parametrize(
    ('state', 'match'),
    [
        ([0.0, 0.0], r'state has shape \[2\], the bundle reads 3 columns: shoulder, elbow'),
        ([[0.0, 0.0, 0.0]], r'shape \[1, 3\]'),
        ([0.0, float('nan'), 0.0], 'state is not finite for elbow'),
        ([float('inf'), 0.0, float('-inf')], 'state is not finite for shoulder, gripper'),
        (['a', 'b', 'c'], 'state holds .*U1, not numbers'),
    ],
)
def test_a_state_that_does_not_fit(policy, state, match):
    with pytest.raises(ValueError, match=match):
        policy.infer(images(), state, 'reach')


@pytest.mark.parametrize('task', ['', 'REACH', 'word ' * 2000])
def test_an_unknown_task(policy, task):
    with pytest.raises(ValueError, match=r'unknown task .*knows reach, rest') as caught:
        policy.infer(images(), STATE, task)
    assert len(str(caught.value)) < 300


def test_pictures_that_do_not_fit(policy):
    with pytest.raises(ValueError, match='smaller than its tile'):
        policy.infer(images(head=np.zeros((8, 8, 3), np.uint8)), STATE, 'reach')
    with pytest.raises(ValueError, match=r'mosaic is uint8 \[32, 64, 3\], the bundle reads'):
        policy.infer_mosaic(np.zeros((32, 64, 3), np.uint8), STATE, 'reach')
    with pytest.raises(ValueError, match='mosaic is float64'):
        policy.infer_mosaic(np.zeros((64, 32, 3)), STATE, 'reach')


def test_a_wild_state_is_clamped_not_believed(policy):
    """Beyond five standard deviations all states look the same, as in training."""
    far, farther = ([sign * 1e6 for sign in (1, 1, 1)], [sign * 1e7 for sign in (1, 1, 1)])
    np.testing.assert_array_equal(
        policy.infer(images(), far, 'reach'), policy.infer(images(), farther, 'reach')
    )


@pytest.fixture(scope='module')
def imagining(tmp_path_factory):
    """A policy per variant, and whether its VAE is whole."""
    made = {}

    def of(variant, decoder=True):
        if (variant, decoder) not in made:
            folder = small_bundle.write(tmp_path_factory.mktemp(variant), variant, decoder)
            made[variant, decoder] = Policy.load(folder)
        return made[variant, decoder]

    return of


@pytest.mark.parametrize('variant', ['joint', 'idm', 'optional_idm'])
def test_variants_infer_and_show_what_they_imagined(imagining, variant):
    policy = imagining(variant)
    rows, video = policy.imagine(images(), STATE, 'reach')
    np.testing.assert_array_equal(rows, policy.infer(images(), STATE, 'reach'))
    assert video.shape == (9, 64, 32, 3) and video.dtype == np.uint8
    assert np.ptp(video) > 0


def test_optional_idm_is_asked_for_its_mode_with_each_call(imagining):
    policy = imagining('optional_idm')
    assert policy.modes == ('idm', 'first_frame')
    asked = {mode: policy.infer(images(), STATE, 'reach', mode) for mode in ('', *policy.modes)}
    np.testing.assert_array_equal(asked[''], asked['idm'])
    assert np.abs(asked['idm'] - asked['first_frame']).max() > 1e-6
    with pytest.raises(ValueError, match="mode 'joint' is none of this variant: idm, first_frame"):
        policy.infer(images(), STATE, 'reach', 'joint')
    with pytest.raises(ValueError, match='optional_idm in mode first_frame imagines no future'):
        policy.imagine(images(), STATE, 'reach', 'first_frame')


def test_what_imagines_nothing_says_so(policy, imagining):
    with pytest.raises(ValueError, match='fastwam in mode first_frame imagines no future'):
        policy.imagine(images(), STATE, 'reach')
    with pytest.raises(ValueError, match='the VAE file brings no decoder'):
        imagining('joint', decoder=False).imagine(images(), STATE, 'reach')


def test_weights_without_a_video_head_are_no_joint(tmp_path):
    folder = small_bundle.write(tmp_path / 'b')
    small_bundle.edit_contract(folder, 'variant', 'joint')
    with pytest.raises(ValueError, match=r'lacks 3 of .*mixtures\.video\.head'):
        Policy.load(folder)


@pytest.mark.parametrize('variant', ['fastwam', 'joint', 'idm'])
def test_other_noise_changes_nothing_that_drives(tmp_path, variant):
    folder = small_bundle.write(tmp_path / 'b', variant)
    alone, many = Policy.load(folder), Policy.load(folder, seeds=5)
    said = many.predict(images(), STATE, 'reach')
    np.testing.assert_allclose(said.rows, alone.infer(images(), STATE, 'reach'), atol=1e-5)
    assert said.disagreement > 1e-3
    wavering = alone.predict(images(), STATE, 'reach').disagreement
    assert 1e-3 < wavering != pytest.approx(said.disagreement, rel=0.01)


def test_the_disagreement_is_that_of_policies_of_other_seeds(tmp_path):
    folder = small_bundle.write(tmp_path / 'b')
    said = Policy.load(folder, seeds=3).predict(images(), STATE, 'reach')
    rows = [Policy.load(reseeded(folder, seed)).infer(images(), STATE, 'reach') for seed in SEEDS]
    apart = np.array(rows) / ACTION_SCALE
    expected = np.sqrt(apart.var(0).mean())
    np.testing.assert_allclose(said.disagreement, expected, rtol=1e-3)


def reseeded(folder, seed):
    small_bundle.edit_contract(folder, 'sampler.seed', seed)
    return folder


def test_no_samples_are_refused(folder):
    with pytest.raises(ValueError, match='0 seeds: the engine needs at least 1'):
        Policy.load(folder, seeds=0)


@pytest.fixture
def own(tmp_path):
    return small_bundle.write(tmp_path / 'own')


def test_relative_rows_count_from_the_state_and_grippers_do_not(policy, own):
    small_bundle.edit_contract(own, 'joints.representation', 'relative')
    relative = Policy.load(own)
    counted = policy.infer(images(), STATE, 'reach') + np.array([STATE[0], STATE[1], 0.0])
    np.testing.assert_allclose(relative.infer(images(), STATE, 'reach'), counted)
    np.testing.assert_allclose(relative.predict(images(), STATE, 'reach').rows, counted)
    assert (policy.representation, relative.representation) == ('absolute', 'relative')


def test_relative_columns_need_a_state_to_count_from(own):
    small_bundle.edit_contract(own, 'joints.representation', 'relative')
    columns = {'names': ['shoulder', 'bend', 'gripper'], 'units': ['rad', 'rad', 'm']}
    small_bundle.edit_contract(own, 'state', columns)
    with pytest.raises(ValueError, match=r"relative, but state has no \['elbow'\] in rad"):
        Policy.load(own)


def test_relative_rows_find_their_joint_in_a_state_of_another_order(own):
    names, units = ['gripper', 'elbow', 'shoulder'], ['m', 'rad', 'rad']
    small_bundle.edit_contract(own, 'state', {'names': names, 'units': units})
    state = [0.06, -0.5, 0.3]
    plain = Policy.load(own).infer(images(), state, 'reach')
    small_bundle.edit_contract(own, 'joints.representation', 'relative')
    counted = Policy.load(own).infer(images(), state, 'reach')
    np.testing.assert_allclose(counted, plain + np.array([0.3, -0.5, 0.0]))


def test_an_end_effectors_motion_is_given_out_as_it_is(policy, own):
    small_bundle.edit_contract(own, 'joints.representation', 'end_effector_delta')
    rows = Policy.load(own).infer(images(), STATE, 'reach')
    np.testing.assert_array_equal(rows, policy.infer(images(), STATE, 'reach'))


def test_state_columns_of_their_own_name_what_is_wrong(own):
    columns = {'names': ['x', 'y', 'grip'], 'units': ['m', 'm', 'fraction']}
    small_bundle.edit_contract(own, 'state', columns)
    other = Policy.load(own)
    assert (other.state_names, other.state_units) == (('x', 'y', 'grip'), ('m', 'm', 'fraction'))
    assert other.joint_names == tuple(small_bundle.NAMES)
    with pytest.raises(ValueError, match='state is not finite for grip'):
        other.infer(images(), [0.0, 0.0, float('nan')], 'reach')
