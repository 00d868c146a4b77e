"""The estimator: scikit-learn's contract, the prior without data, the truth with much data."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from pain_tui.forecast.estimator import PriorLogisticRegression


@parametrize_with_checks([PriorLogisticRegression()])
def test_scikit_learn_contract(estimator: PriorLogisticRegression, check: object) -> None:
    check(estimator)  # type: ignore[operator]


def test_prior_alone() -> None:
    mean, covariance = np.array([0.5, -1.0]), np.array([[0.4, 0.1], [0.1, 0.3]])
    held = PriorLogisticRegression(mean, covariance).from_prior(2)
    X = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert held.predict_proba(X)[:, 1] == pytest.approx(1 / (1 + np.exp(-np.array([0.5, -0.5]))))
    assert held.decision_variance(X) == pytest.approx([0.4, 0.4 + 0.3 + 0.2])


def test_flat_prior_is_maximum_likelihood() -> None:
    random = np.random.default_rng(3)
    X = np.column_stack([np.ones(800), random.normal(size=(800, 2))])
    y = random.random(800) < 1 / (1 + np.exp(-X @ np.array([-0.4, 0.8, -0.5])))
    held = PriorLogisticRegression(prior_sd=1e4).fit(X, y)
    reference = LogisticRegression(C=1e10, fit_intercept=False, tol=1e-10, max_iter=500).fit(X, y)
    assert held.coef_[0] == pytest.approx(reference.coef_[0], abs=1e-4)


def test_posterior_lies_between_prior_and_data_and_is_surer() -> None:
    mean, covariance = np.array([0.0]), np.array([[0.25]])
    X, y = np.ones((40, 1)), np.array([1] * 32 + [0] * 8)
    held = PriorLogisticRegression(mean, covariance).fit(X, y)
    assert 0.0 < held.coef_[0, 0] < np.log(32 / 8)
    assert held.covariance_[0, 0] < 0.25


def test_one_class_and_wrong_prior_are_refused() -> None:
    with pytest.raises(ValueError, match="class"):
        PriorLogisticRegression().fit(np.ones((4, 1)), np.ones(4))
    with pytest.raises(ValueError, match="prior"):
        PriorLogisticRegression(prior_mean=np.zeros(3)).fit(np.ones((4, 1)), np.array([0, 1, 0, 1]))
