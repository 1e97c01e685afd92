"""Opens and clicks of mails as touchpoints."""
