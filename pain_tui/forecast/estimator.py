"""A logistic regression about a prior: scikit-learn's API, our own Newton solver, Laplace covariance.

    maximise  sum log P(y | X theta)  -  1/2 (theta - mu)' S^-1 (theta - mu)

With no rows the posterior is the prior. The program's screens never import this module; it rebuilds, checks
and learns. There is no intercept column: give one in X if the model needs it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = NDArray[np.float64]


class PriorLogisticRegression(ClassifierMixin, BaseEstimator):
    """Binary logistic regression with a Gaussian prior on its coefficients.

    prior_mean: (features,) or None for zeros. prior_covariance: (features, features) symmetric positive
    definite, or None for `prior_sd` squared on the diagonal. After `fit`: coef_ (1, features),
    covariance_ (Laplace), classes_, n_iter_.
    """

    def __init__(
        self,
        prior_mean: Floats | None = None,
        prior_covariance: Floats | None = None,
        prior_sd: float = 2.5,
        max_iter: int = 100,
        tol: float = 1e-9,
    ) -> None:
        self.prior_mean = prior_mean
        self.prior_covariance = prior_covariance
        self.prior_sd = prior_sd
        self.max_iter = max_iter
        self.tol = tol

    def _prior(self, features: int) -> tuple[Floats, Floats]:
        mean = (
            np.zeros(features) if self.prior_mean is None else np.asarray(self.prior_mean, dtype=np.float64)
        )
        covariance = (
            np.eye(features) * self.prior_sd**2
            if self.prior_covariance is None
            else np.asarray(self.prior_covariance, dtype=np.float64)
        )
        if mean.shape != (features,) or covariance.shape != (features, features):
            raise ValueError(
                f"the prior has {mean.shape} and {covariance.shape}, the data have {features} features"
            )
        return mean, covariance

    def fit(self, X: Any, y: Any) -> "PriorLogisticRegression":
        """Posterior mode and Laplace covariance from outcomes y (two classes) and design X."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, target = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            raise ValueError(
                "Only binary classification is supported. The type of the target is multiclass "
                f"({len(self.classes_)} classes)."
            )
        if len(self.classes_) < 2:
            raise ValueError("fit needs samples of 2 classes; the data hold only one class")
        mean, covariance = self._prior(X.shape[1])
        self.coef_, self.covariance_, self.n_iter_ = _newton(
            X, target.astype(np.float64), mean, covariance, self.max_iter, self.tol
        )
        self.coef_ = self.coef_[None, :]
        return self

    def from_prior(self, features: int) -> "PriorLogisticRegression":
        """The estimator before any outcome: the posterior is the prior."""
        mean, covariance = self._prior(features)
        self.classes_, self.n_features_in_, self.n_iter_ = np.array([0, 1]), features, 0
        self.coef_, self.covariance_ = mean[None, :].copy(), covariance.copy()
        return self

    def decision_function(self, X: Any) -> Floats:
        """The linear predictor, (samples,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(X @ self.coef_[0])

    def decision_variance(self, X: Any) -> Floats:
        """The variance of the linear predictor from the covariance of the coefficients, (samples,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(np.einsum("ij,jk,ik->i", X, self.covariance_, X))

    def predict_proba(self, X: Any) -> Floats:
        """P(class) for both classes, (samples, 2)."""
        p = 1.0 / (1.0 + np.exp(-self.decision_function(X)))
        return np.column_stack([1.0 - p, p])

    def predict(self, X: Any) -> Any:
        """The likelier class."""
        above = self.decision_function(X) > 0
        return self.classes_[above.astype(int)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _newton(
    X: Floats, y: Floats, mean: Floats, covariance: Floats, max_iter: int, tol: float
) -> tuple[Floats, Floats, int]:
    """Newton's method with step halving on the penalised log likelihood."""
    precision = np.linalg.inv(covariance)
    theta = mean.copy()

    def loss(t: Floats) -> float:
        eta = X @ t
        return float(np.logaddexp(0.0, eta).sum() - y @ eta + 0.5 * (t - mean) @ precision @ (t - mean))

    value, hessian, taken = loss(theta), precision, 0
    for taken in range(1, max_iter + 1):  # noqa: B007 - the last value is reported
        p = 1.0 / (1.0 + np.exp(-(X @ theta)))
        gradient = X.T @ (p - y) + precision @ (theta - mean)
        hessian = (X * (p * (1 - p))[:, None]).T @ X + precision
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-8 and loss(theta - size * step) > value:
            size /= 2
        theta = theta - size * step
        value = loss(theta)
        if np.abs(size * step).max() < tol:
            break
    p = 1.0 / (1.0 + np.exp(-(X @ theta)))
    hessian = (X * (p * (1 - p))[:, None]).T @ X + precision
    return theta, np.linalg.inv(hessian), taken
