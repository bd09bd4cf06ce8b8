"""The numerical core of t-SNE on tensors, for a GPU: the same terms as in `kernels`."""
