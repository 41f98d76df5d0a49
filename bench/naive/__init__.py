"""The straightforward Channels design, written as tutorials teach it: a row saved for every event, a message to the group
for every event, a template rendered by every consumer. It shows the same rows as fresh as it can: the reference of the product.
"""
